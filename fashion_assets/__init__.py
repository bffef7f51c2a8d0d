"""fashion_assets"""
